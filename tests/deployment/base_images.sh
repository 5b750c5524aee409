#!/bin/sh
# Build stand-ins for the python, redis and postgres images from Debian's packages, for machines
# that have a container engine but can't pull images. As root; needs debootstrap.
#
#     tests/deployment/base_images.sh
#
# Afterwards there are localhost/precis-{python,redis,postgres}, which tests/deployment uses.
# ENGINE is podman or docker. The host's own certificate authorities and pip settings come along.
set -eu
ENGINE=${ENGINE:-podman}
MIRROR=${MIRROR:-http://deb.debian.org/debian}
SUITE=${SUITE:-bookworm}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/root"
debootstrap --variant=minbase --include=ca-certificates "$SUITE" "$work/root" "$MIRROR"
rm -rf "$work/root/var/cache/apt/archives/"*.deb "$work/root/var/lib/apt/lists/"*
tar -C "$work/root" -c . | "$ENGINE" import - localhost/precis-debian

mkdir "$work/python" "$work/redis" "$work/postgres" "$work/python/ca" "$work/python/pip"
cp /usr/local/share/ca-certificates/*.crt "$work/python/ca/" 2>/dev/null || true
cp /etc/xdg/pip/* "$work/python/pip/" 2>/dev/null || true
# What this machine says to pip (a certificate, folders with wheels), for the build alone.
env | sed -n 's/^\(PIP_[A-Z_]*\)=\(.*\)$/ENV \1="\2"/p' >"$work/python/environment"

{
    cat <<'EOF'
FROM localhost/precis-debian
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv \
    && apt-get clean && rm -rf /var/lib/apt/lists/*
COPY ca/ /usr/local/share/ca-certificates/
RUN update-ca-certificates
COPY pip/ /etc/xdg/pip/
EOF
    cat "$work/python/environment"
} >"$work/python/Dockerfile"

cat >"$work/redis/Dockerfile" <<'EOF'
FROM localhost/precis-debian
RUN groupadd --system --gid 999 redis && useradd --system --uid 999 --gid redis redis \
    && apt-get update && apt-get install -y --no-install-recommends redis-server \
    && apt-get clean && rm -rf /var/lib/apt/lists/* && install -d -o redis -g redis /data
WORKDIR /data
CMD ["redis-server"]
EOF

cat >"$work/postgres/entrypoint" <<'EOF'
#!/bin/sh
# As far as needed, what the official image's does.
set -eu
export PATH="$(echo /usr/lib/postgresql/*/bin):$PATH" PGDATA=/var/lib/postgresql/data
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    echo "$POSTGRES_PASSWORD" >/tmp/password
    initdb -U "$POSTGRES_USER" -E UTF8 --locale=C.UTF-8 -A scram-sha-256 --pwfile=/tmp/password >/dev/null
    rm /tmp/password
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    [ "$POSTGRES_DB" = postgres ] || echo "CREATE DATABASE $POSTGRES_DB" | postgres --single postgres
fi
exec "$@" -c listen_addresses='*'
EOF
chmod +x "$work/postgres/entrypoint"
cat >"$work/postgres/Dockerfile" <<'EOF'
FROM localhost/precis-debian
RUN groupadd --system --gid 999 postgres && useradd --system --uid 999 --gid postgres postgres \
    && apt-get update && apt-get install -y --no-install-recommends postgresql \
    && apt-get clean && rm -rf /var/lib/apt/lists/* /var/lib/postgresql/* \
    && install -d -o postgres -g postgres -m 1777 /var/lib/postgresql/data \
    && install -d -o postgres -g postgres -m 3777 /run/postgresql
ENV PATH=/usr/lib/postgresql/15/bin:$PATH
COPY entrypoint /usr/local/bin/entrypoint
ENTRYPOINT ["entrypoint"]
CMD ["postgres"]
EOF

for name in python redis postgres; do
    "$ENGINE" build --tag "localhost/precis-$name" "$work/$name"
done
