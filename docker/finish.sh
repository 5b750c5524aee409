#!/bin/sh
# The last step of building an image, in its virtual environment /opt/precis:
#
# 1. takes out what only the building and testing of libraries needs;
# 2. fetches the base model of the profile $1, if it isn't in the wheel;
# 3. loads store, gate and model, which checks each weights file against its manifest's digest.
#
# Bytecode is compiled for the modules that this imports, and for no others: half of all modules are
# of models that nobody runs here.
set -eu
python=/opt/precis/bin/python
export HF_HOME=/opt/precis/hub PRECIS_HOME=/tmp/build PRECIS_PROFILE="$1"

packages=$($python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
$python -m pip uninstall --yes --quiet pip
rm -rf "$packages/torch/include" "$packages/torch/test" "$packages/torch/share"
find "$packages/torch/bin" -type f ! -name torch_shm_manager -delete
find "$packages" -type d -name tests -prune -exec rm -rf {} +

mkdir -p "$HF_HOME"
/opt/precis/bin/precis doctor
$python -c 'import bot.discord.running, bot.slack.running, worker.serving, worker.asking, cli.reviewing'
/opt/precis/bin/precis store migrate
rm -rf "$PRECIS_HOME"
