"""A page for people as one HTML file: a template of `templates/` with its style and script inside.

In: the template's name and what it shows. Out: the file's text, self-contained: no network, no other
file, one script whose digest its content policy names. Whatever is shown is escaped. What it says is
the affair of the module that asks.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from importlib import resources


def render(name: str, filters: Mapping[str, Callable[..., object]], **values: object) -> str:
    """The file made of `<name>.html.j2`, `<name>.css` and `<name>.js`; a value it lacks is an error."""
    from jinja2 import Environment, StrictUndefined

    folder = resources.files("corpus") / "templates"
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(filters)
    template = environment.from_string((folder / f"{name}.html.j2").read_text(encoding="utf-8"))
    script = (folder / f"{name}.js").read_text(encoding="utf-8")
    return template.render(
        style=(folder / f"{name}.css").read_text(encoding="utf-8"),
        script=script,
        script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        **values,
    )
