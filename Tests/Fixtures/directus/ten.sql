-- Turns the system tables of an early Directus 11 (system_tables_12.sql, then eleven.sql) into those of Directus 10:
-- no policies (20240806A); roles carry the rights, and a permission belongs to a role or, without one, to everybody.

BEGIN;

DROP TABLE directus_access;
ALTER TABLE directus_permissions
  DROP COLUMN policy,
  ADD COLUMN role uuid CONSTRAINT directus_permissions_role_foreign REFERENCES directus_roles (id) ON DELETE CASCADE;
DROP TABLE directus_policies;
ALTER TABLE directus_roles
  DROP COLUMN parent,
  ADD COLUMN ip_access text,
  ADD COLUMN enforce_tfa boolean NOT NULL DEFAULT false,
  ADD COLUMN admin_access boolean NOT NULL DEFAULT false,
  ADD COLUMN app_access boolean NOT NULL DEFAULT true;

COMMIT;
