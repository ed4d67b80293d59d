select d.id, d.amount from delta_scan('abfss://zone@lake/sales') d
