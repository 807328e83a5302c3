"""Withdrawals by day, chain and asset of an audit log: python3 sums.py AUDIT.JSONL FIRST LAST"""
import json
import sys
from collections import defaultdict
from decimal import Decimal, getcontext

getcontext().prec = 120
path, first, last = sys.argv[1:]
sums = defaultdict(lambda: [0, Decimal(0)])
seen = set()
for line in open(path, encoding="utf-8"):
    record = json.loads(line)
    if record["decision"] != "broadcast" or record["id"] in seen:
        continue
    seen.add(record["id"])
    day = record["time"][:10]
    if not first <= day <= last:
        continue
    for transfer in record["transfers"]:
        if not transfer.get("change"):
            entry = sums[day, record["chain"], transfer["asset"]]
            entry[0] += 1
            entry[1] += Decimal(transfer["amount"])
for (day, chain, asset), (count, amount) in sorted(sums.items()):
    text = format(amount, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    print(day, chain, asset, count, text)
