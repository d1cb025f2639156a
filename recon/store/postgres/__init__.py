"""The PostgreSQL that comes with Tieout: its programs, its folder, its process. `recon.store.embedded` supervises it.

Only the supervisor starts or stops it; everything else connects through `recon.store.engine`.
"""
