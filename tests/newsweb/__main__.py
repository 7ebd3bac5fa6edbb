"""`python -m tests.newsweb`: serve the made-up web, write its truth or configuration, score, demo."""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

import msgspec

from tests.newsweb import demo
from tests.newsweb.score import score_folder
from tests.newsweb.server import ADDRESS, NewsWeb
from tests.newsweb.truth import truth


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; its exit status."""
    given = _parser().parse_args(arguments)
    match given.verb:
        case "truth":
            for row in truth(given.day):
                sys.stdout.buffer.write(msgspec.json.encode(row) + b"\n")
        case "config":
            sys.stdout.write(demo.config())
        case "figures":
            print("\n".join(_figures(given.day)))
        case "score":
            try:
                print("\n".join(score_folder(given.data, truth(given.day)).lines()))
            except FileNotFoundError as error:
                print(f"score: {error}", file=sys.stderr)
                return 2
        case "serve":
            return _serve(given.port, given.day, given.log)
        case _:
            return demo.demo(given.day)
    return 0


def _serve(port: int, day: int, log: Path | None) -> int:
    try:
        web = NewsWeb(day=day, port=port, log_file=log)
    except OSError as error:
        print(f"serve: {ADDRESS}:{port} cannot be used: {error.strerror}", file=sys.stderr)
        return 2
    with web:
        print(f"serving day {day} at {web.address}; end with Ctrl-C", file=sys.stderr)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            return 0


def _figures(day: int) -> list[str]:
    rows = [t for t in truth(day) if t.expect != "gone"]
    counts: dict[str, Counter[str]] = {
        "outlets": Counter(t.outlet for t in rows),
        "templates": Counter(t.template for t in rows),
        "languages": Counter(t.language for t in rows),
        "kinds": Counter(t.kind for t in rows),
        "forms": Counter(form for t in rows if t.variant for form in t.forms),
        "expected": Counter(t.expect for t in rows),
    }
    lines = [f"day {day}: {len(rows)} pages, {len({t.story for t in rows})} stories"]
    for name, count in counts.items():
        lines.append(
            f"{name} ({len(count)}): " + ", ".join(f"{k} {n}" for k, n in count.most_common())
        )
    return lines


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.newsweb", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    serve = verbs.add_parser("serve", help="serve the web until Ctrl-C")
    serve.add_argument("--port", type=int, default=demo.PORT)
    serve.add_argument("--log", type=Path, help="write the access log here, as JSON lines")
    score = verbs.add_parser("score", help="score a data folder against the truth")
    score.add_argument("data", type=Path)
    verbs.add_parser("config", help="print configs/demo.toml")
    dated = (
        serve,
        score,
        verbs.add_parser("demo", help="serve, run the main job on it, print the score"),
        verbs.add_parser("truth", help="print the truth as JSON lines"),
        verbs.add_parser("figures", help="print how many pages of which kind there are"),
    )
    for verb in dated:
        verb.add_argument("--day", type=int, default=1)
    return parser


if __name__ == "__main__":
    sys.exit(main())
