"""Passkeys: a second factor beside the app's codes, several for each account, each with a name that its owner gives."""
