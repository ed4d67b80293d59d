select v.plan_id, v.site_code, s.site_id from plan_v v join site s on s.code = v.site_code
