select p.plan_id, s.site_id from plan p cross join site s
