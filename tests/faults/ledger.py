"""Ledgers: what one client sent, got acknowledged and received, a line of JSON each; and the
judgement that is made of these files alone."""

import json
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

Line = dict[str, Any]


class Ledger:
    """One client's file. Lines are buffered: what a *server* does is under test, not this."""

    def __init__(self, folder: Path, name: str) -> None:
        self._file: IO[str] = (folder / f"{name}.jsonl").open("w")

    def write(self, what: str, **facts: Any) -> None:
        line = {"what": what, "at": round(time.time(), 4), **facts}
        self._file.write(json.dumps(line, separators=(",", ":")) + "\n")

    def close(self) -> None:
        self._file.close()


@dataclass
class Judgement:
    """The three counts, and every sentence that ought not to be true. `due` is what should have
    been delivered: to each subscriber all that was stored after they came."""

    acked: int = 0
    stored: int = 0
    delivered: int = 0
    due: int = 0
    subscribers: int = 0
    refused: int = 0
    duplicates: int = 0
    reconnects: int = 0
    recovered: int = 0
    codes: dict[int, int] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    wrong: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not self.wrong


def judge(folder: Path) -> Judgement:
    """Lost, doubled, out of order? Each acknowledged message is stored exactly once, and every
    subscriber (a file with a line `listens`) got every stored one exactly once and in order."""
    found = Judgement()
    acked: dict[str, str] = {}
    stored: dict[str, str] = {}
    seqs: list[int] = []
    received: dict[str, list[Line]] = {}
    began: dict[str, int] = {}
    last_seq = 0
    codes: dict[int, int] = defaultdict(int)
    for path in sorted(folder.glob("*.jsonl")):
        for text in path.read_text().splitlines():
            line = json.loads(text)
            what = line["what"]
            if what == "acked":
                if acked.setdefault(line["key"], line["id"]) != line["id"]:
                    found.wrong.append(f"{line['key']} was acknowledged under two ids")
                found.duplicates += line["duplicate"]
            elif what == "refused":
                found.refused += 1
                found.refusals[line["code"]] += 1
                if line["retry_after_ms"] is None:
                    found.wrong.append(f"{line['key']} was refused without retry_after_ms: {line}")
            elif what == "stored":
                if line["key"] in stored:
                    found.wrong.append(f"{line['key']} is stored twice")
                stored[line["key"]] = line["id"]
                seqs.append(line["seq"])
                if line["seq"] != last_seq + 1:
                    found.wrong.append(f"a hole in the store before seq {line['seq']}")
                last_seq = line["seq"]
            elif what == "listens":
                began[path.stem] = line["cursor"]
                received[path.stem] = []
            elif what == "received":
                received[path.stem].append(line)
            elif what == "closed":
                codes[line["code"]] += 1
                found.reconnects += 1
            elif what == "no_line":
                # Not yet there, or not now: any other refusal by a server is a failure of its own.
                if line["code"] not in (None, 503):
                    found.wrong.append(f"{path.stem} was refused a line with {line['code']}")
            elif what == "caught_up":
                found.recovered += line["events"]
    found.codes = dict(codes)
    found.acked, found.stored = len(acked), len(stored)
    found.subscribers = len(received)
    for key, ident in acked.items():
        if stored.get(key) != ident:
            found.wrong.append(
                f"{key} was acknowledged as {ident} and is stored as {stored.get(key)}"
            )
    for name, lines in received.items():
        at = began[name]
        found.due += sum(seq > at for seq in seqs)
        for line in lines:
            if line["seq"] != at + 1:
                found.wrong.append(f"{name} got seq {line['seq']} after {at}")
            if line["key"] is not None and stored.get(line["key"]) != line["id"]:
                found.wrong.append(f"{name} got {line['id']}, which is not stored so")
            at = line["seq"]
        if at != last_seq:
            found.wrong.append(f"{name} ended at seq {at} of {last_seq}")
        found.delivered += sum(line["key"] is not None for line in lines)
    return found
