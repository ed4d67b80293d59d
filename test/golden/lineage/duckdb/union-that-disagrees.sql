select site_id, name from site union all select site_id, 'none' from reading
