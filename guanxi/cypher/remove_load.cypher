MATCH (l:GuanxiLoad {number: $number}) DELETE l
