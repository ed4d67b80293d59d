select p.plan_id, s.site_id from plan p full outer join site s on s.site_id = p.site_id
