from sample select sample_number, status where status <> 'X'
