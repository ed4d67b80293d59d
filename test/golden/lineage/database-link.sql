select a.plan_id, b.name from plan a join site@remote b on b.site_id = a.site_id
