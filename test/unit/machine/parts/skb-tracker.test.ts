// machine/skb-tracker
