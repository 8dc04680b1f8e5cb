#!/bin/sh
# An image out of the host's own perl, because no registry is needed for that, and a container that answers «hello»
# on two ports of all addresses. It ignores SIGTERM, as many a first process of a container does.
set -eu
docker inspect probe >/dev/null 2>&1 && exit 0
files=$({
    ldd /usr/bin/perl | grep -o '/[^ ]*'
    echo /usr/bin/perl
    find -L /usr/lib/x86_64-linux-gnu/perl-base -type f
} | sort -u)
# shellcheck disable=SC2086
tar --create --dereference --hard-dereference --file - $files 2>/dev/null | docker import - probe:1 >/dev/null
# shellcheck disable=SC2016
docker run --detach --restart unless-stopped --stop-timeout 1 --name probe \
    --publish 0.0.0.0:9999:80 --publish 0.0.0.0:8001:80 probe:1 \
    /usr/bin/perl -MIO::Socket::INET -e '
        $s = IO::Socket::INET->new(LocalPort => 80, Listen => 5, ReuseAddr => 1);
        while ($c = $s->accept) { print $c "HTTP/1.0 200 OK\r\n\r\nhello\n"; close $c }' >/dev/null
