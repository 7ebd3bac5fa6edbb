"""The name and version of the extract stage: what stamps, rejections and records say made them."""

EXTRACT = "extract"

EXTRACT_VERSION = "7"
"""Goes up with every change of code that changes what is made of a page; archives are then made again."""
