// Only where find_gds has found it.
RETURN gds.version() AS version
