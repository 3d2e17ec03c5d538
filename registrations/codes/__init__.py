"""Pure rules, most of which phones have too: ticket codes, sealed rows, verdicts, the drawing of a QR, small counts."""
