-- Turns the system tables of Directus 12 (system_tables_12.sql) into those of an early 11: what 11.1 to 12.0 added is
-- absent, and the icon columns are narrower (20240817A).

BEGIN;

ALTER TABLE directus_collections
  DROP COLUMN status,                      -- 12.0, 20260507A
  DROP COLUMN autosave_revision_interval,  -- 12.0, 20260512A
  ALTER COLUMN icon TYPE varchar(30);
ALTER TABLE directus_fields DROP COLUMN searchable;  -- 11.13, 20251012A
ALTER TABLE directus_roles ALTER COLUMN icon TYPE varchar(30);
ALTER TABLE directus_policies ALTER COLUMN icon TYPE varchar(30);
ALTER TABLE directus_presets ALTER COLUMN icon TYPE varchar(30);
ALTER TABLE directus_versions ALTER COLUMN item SET NOT NULL;  -- nullable since 20260217A
ALTER TABLE directus_activity ADD COLUMN comment text;         -- dropped by 20240924A
ALTER TABLE directus_settings
  DROP COLUMN license_key,
  DROP COLUMN license_token,
  DROP COLUMN mcp_oauth_enabled,
  DROP COLUMN mcp_oauth_dcr_enabled,
  DROP COLUMN mcp_oauth_cimd_enabled,
  DROP COLUMN mcp_enabled,                 -- 11.12, 20250813A
  DROP COLUMN mcp_allow_deletes,
  DROP COLUMN mcp_prompts_collection,
  DROP COLUMN mcp_system_prompt_enabled,
  DROP COLUMN mcp_system_prompt,
  DROP COLUMN collaborative_editing_enabled;

COMMIT;
