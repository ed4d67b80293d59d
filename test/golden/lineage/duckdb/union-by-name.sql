select site_id, name from site union all by name select name, site_id, created from plan
