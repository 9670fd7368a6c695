"""From plain manifests to specs that emit the same objects, or a word on why not."""
