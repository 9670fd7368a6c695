"""Policies at build: the very ValidatingAdmissionPolicy that a cluster's API server gets, judged as the server does."""
