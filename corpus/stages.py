"""The name and version of the extract stage: what stamps, rejections and records say made them."""

EXTRACT = "extract"

EXTRACT_VERSION = "15"
"""Goes up with every change of code that changes what is made of a page; archives are then made again."""

ANSWERS_VERSION = "2"
"""Goes up with every change of code that changes what extractors answer: `corpus.extractors`, and of
`corpus.dom`, `corpus.outline` and `corpus.tokens` what changes a block's text."""
