select plan_id, name from plan union all select site_id, name from site
