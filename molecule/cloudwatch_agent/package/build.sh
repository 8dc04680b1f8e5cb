#!/bin/sh
# A publisher of his own, since Amazon's cannot be reached from everywhere: keys, packages and signatures below
# /srv/packages. The package has the paths, the unit and the ways of Amazon's, and a stand-in for its programs.
set -eu
umask 022
cd "$(dirname "$0")"
root=/srv/packages
[ ! -e $root/done ] || exit 0
rm -rf $root && mkdir -p $root

package() {  # package NAME: a package of that name
    home=$1.tree/opt/aws/amazon-cloudwatch-agent
    mkdir -p "$1.tree/DEBIAN" "$1.tree/etc/systemd/system" "$home/bin" "$home/etc/amazon-cloudwatch-agent.d" "$home/logs" "$home/var"
    printf 'Package: %s\nVersion: 1.300062.0\nArchitecture: %s\nDepends: python3\nMaintainer: nobody <nobody@example.com>\nDescription: a stand-in for the CloudWatch agent\n' \
        "$1" "$(dpkg --print-architecture)" > "$1.tree/DEBIAN/control"
    cat > "$1.tree/DEBIAN/prerm" <<'END'
#!/bin/sh
[ "$1" != remove ] || systemctl stop amazon-cloudwatch-agent
END
    chmod 0755 "$1.tree/DEBIAN/prerm"
    cp schema.json "$home/bin/schema.json"
    for program in config-translator start-amazon-cloudwatch-agent; do
        install -m 0755 agent.py "$home/bin/$program"
    done
    install -m 0755 ctl.sh "$home/bin/amazon-cloudwatch-agent-ctl"
    touch "$home/etc/common-config.toml"
    cp amazon-cloudwatch-agent.service "$1.tree/etc/systemd/system/"
    dpkg-deb --root-owner-group --build "$1.tree" "$root/$1.deb" > /dev/null
    rm -rf "$1.tree"
}

key() {  # key NAME: a key, and its public part as publishers write it
    install -d -m 0700 "/root/gnupg-$1"
    gpg --homedir "/root/gnupg-$1" --batch --quiet --passphrase '' --quick-generate-key "$1 <$1@example.com>" rsa2048 sign never
    gpg --homedir "/root/gnupg-$1" --armor --export > "$root/$1.gpg"
    gpg --homedir "/root/gnupg-$1" --with-colons --list-keys | awk -F: '$1 == "fpr" {print $10; exit}' > "$root/$1.fingerprint"
}

sign() {  # sign KEY PACKAGE SIGNATURE
    gpg --homedir "/root/gnupg-$1" --batch --quiet --yes --output "$root/$3" --detach-sign "$root/$2"
}

package amazon-cloudwatch-agent
package another-agent
key publisher
key stranger
sign publisher amazon-cloudwatch-agent.deb amazon-cloudwatch-agent.deb.sig
sign publisher another-agent.deb another-agent.deb.sig
sign stranger amazon-cloudwatch-agent.deb stranger.sig
cp $root/amazon-cloudwatch-agent.deb $root/forged.deb && echo x >> $root/forged.deb
cp $root/amazon-cloudwatch-agent.deb.sig $root/forged.deb.sig
touch $root/done
echo made
