MATCH (l:GuanxiLoad {number: $number}) SET l.batches = $batches
