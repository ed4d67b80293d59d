select plan_id, name from plan minus select site_id, name from site
