select site_id, value, code from reading full join site using (site_id)
