select distinct site_id from plan
