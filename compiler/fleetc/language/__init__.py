"""The spec language: its kinds as frozen types, and the one walk that brings what people write into canonical form."""
