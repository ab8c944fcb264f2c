"""Put trained networks together as the bundle that the package ships.

    python studies/bundled_weights/package.py --localiser OUT/localiser.json --lesions OUT/lesions.json

Each card's network file lies beside it. Files are verified before and after they are copied.
"""

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from msasss.models.weights import BUNDLED, MANIFEST, MANIFEST_SCHEMA, Bundle, load_bundle, load_card, verify

LARGEST_BUNDLE_BYTES = 40_000_000


def package(name: str, localiser: Path, lesions: Sequence[Path], folder: Path) -> Bundle:
    """Copy cards and networks to a folder and write its manifest.

    Args:
        name: What `--weights` will call the bundle.
        localiser: Card of the localiser.
        lesions: Cards of the lesion networks.
        folder: Where the bundle is to lie.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in (localiser, *lesions):
        card = load_card(path)
        shutil.copyfile(verify(card, path.parent), folder / card.file)
        shutil.copyfile(path, folder / path.name)
    manifest = {
        "schema": MANIFEST_SCHEMA,
        "name": name,
        "localiser": localiser.name,
        "lesions": [path.name for path in lesions],
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    bundle = load_bundle(folder)
    for card in bundle:
        verify(card, folder)
    return bundle


def main() -> None:
    """Read the arguments, package, and print what is in the bundle."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--localiser", type=Path, required=True, help="card of the localiser")
    parser.add_argument("--lesions", type=Path, nargs="+", required=True, help="cards of the lesion networks")
    parser.add_argument("--name", default="default")
    parser.add_argument("-o", "--out", type=Path, default=BUNDLED)
    options = parser.parse_args()
    bundle = package(options.name, options.localiser, options.lesions, options.out)
    size = sum((bundle.folder / card.file).stat().st_size for card in bundle)
    for card in bundle:
        print(f"{card.kind.value:10} {card.file:20} {card.sha256}")
    print(f"{size / 1e6:.1f} MB in {bundle.folder}")
    if size > LARGEST_BUNDLE_BYTES:
        msg = f"Expected at most {LARGEST_BUNDLE_BYTES / 1e6:.0f} MB in the bundle, got {size / 1e6:.1f}."
        raise SystemExit(msg)


if __name__ == "__main__":
    main()
