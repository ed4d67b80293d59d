select p.plan_id, t.site_id, t.name from plan p left join site t on t.site_id = p.site_id
