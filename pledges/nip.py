def mask_nip(nip: str) -> str: return nip
def mask_nik(nik: str) -> str: return nik
