"""What `zxingcpp.read_barcodes` looks for: it would take the odd stripe of a picture for a code of another kind."""

from zxingcpp import BarcodeFormat, BarcodeFormats

QR_ALONE = BarcodeFormats(BarcodeFormat.QRCode)
