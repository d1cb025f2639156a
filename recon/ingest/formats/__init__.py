"""One file a format; `FORMATS` lists them."""
