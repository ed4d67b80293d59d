select * from plan join site using (site_id)
