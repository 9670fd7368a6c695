PYTHON ?= python3
BIN := .venv/bin
SOURCES := compiler backends tests benchmarks

.PHONY: demo test check fix golden bench accept
