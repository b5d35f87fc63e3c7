# Codec specs: the message names stage, key or value and the nearest legal name; exit code 1.
picture grey 20 16 8 >a.pam
filter='s/: one of .* \(did/: one of ... (did/'
try tessera encode a.pam a.tsr -c wavlet
try tessera encode a.pam a.tsr -c wavelet/unifrom
try tessera encode a.pam a.tsr -c wavelet//adaptiv
try tessera encode a.pam a.tsr -c wavelet:levles=3
try tessera encode a.pam a.tsr -c wavelet:levels=99
try tessera encode a.pam a.tsr -c wavelet:filter=cdf79
try tessera encode a.pam a.tsr -c wavelet:levels
try tessera encode a.pam a.tsr -c wavelet/uniform/adaptive/more
ls -A
