//! Catalogs of databases and tables.
