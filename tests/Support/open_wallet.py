#!/usr/bin/env python3
"""Opens a wallet.dat of version 1 from the description in docs/wallet-format.md alone and prints its contents."""
import base64
import json
import sys

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

path, password = sys.argv[1], sys.argv[2].encode()
data = open(path, "rb").read()
line, body = data[: data.index(b"\n") + 1], data[data.index(b"\n") + 1 :]
header = json.loads(line)
assert header["format"] == "kmscloud-wallet" and header["version"] == 1 and header["cipher"] == "aes-256-gcm"


def open_box(key, box, associated):
    return AESGCM(key).decrypt(box[:12], box[12:], associated)


slot = header["slots"][0]
fields = {name: value for name, value in slot.items() if name != "wrapped"}
associated = json.dumps(fields, separators=(",", ":")).encode()
slot_key = hash_secret_raw(password, base64.b64decode(slot["salt"]), slot["opslimit"], slot["memlimit"] // 1024, 1, 32, Type.ID)
data_key = open_box(slot_key, base64.b64decode(slot["wrapped"]), associated)
content_key = HKDF(hashes.SHA256(), 32, base64.b64decode(header["contentSalt"]), b"kmscloud wallet content v1").derive(data_key)
sys.stdout.write(open_box(content_key, body, line).decode())
