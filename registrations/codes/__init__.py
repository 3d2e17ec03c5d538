"""Pure rules that phones have too: ticket codes, sealed rows, verdicts, and the drawing of a QR."""
