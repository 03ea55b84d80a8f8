"""Builds and runs the real servers that tests talk to: kube-apiserver and etcd, on loopback, ended with the test."""
