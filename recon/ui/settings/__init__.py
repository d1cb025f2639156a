"""The sections of the Settings page, one a module, each drawn by itself."""
