"""How the machines of a county come to trust its authority, in words."""

from pathlib import PurePath


def steps(authority: PurePath, server: PurePath, key: PurePath, fingerprint: str, first_name: str) -> str:
    """What the person who made the certificates does next."""
    return f"""\
Start the services with it 启动:
  three-classrooms up --host {first_name} --tls-cert {server} --tls-key {key}

Then let each classroom PC trust {authority} (never give away {authority.with_suffix(".key").name} 私钥切勿外传).
再让每台教室电脑信任 {authority.name}。Compare the fingerprint first 先核对指纹 (SHA-256):
  {fingerprint}

Windows (as administrator 以管理员身份; in a domain use a group policy 域内可用组策略):
  certutil -addstore -f Root {authority.name}

Kylin 麒麟 desktop, UOS 统信, Debian:
  sudo cp {authority.name} /usr/local/share/ca-certificates/
  sudo update-ca-certificates
Kylin 麒麟 server:
  sudo cp {authority.name} /etc/pki/ca-trust/source/anchors/
  sudo update-ca-trust
Chromium and other browsers made of it read a store of their own there 浏览器另有证书库, for each user
(the program is in the package libnss3-tools 所需软件包):
  mkdir -p ~/.pki/nssdb
  certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n three-classrooms -i {authority.name}
Firefox: Settings, Privacy & Security, View Certificates, Authorities, Import
  (设置、隐私与安全、查看证书、证书颁发机构、导入).

Close the browser and open it again 重启浏览器.
"""
