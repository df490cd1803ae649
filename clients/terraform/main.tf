# Segments as Terraform resources, with the provider Mastercard/restapi:
#
#   create   POST   /api/segments        201, or 409 with what is in the way
#   read     GET    /api/segments/{id}   404: the segment is made anew
#   update   PATCH  /api/segments/{id}   only what is in `data` is set, so clusters that were given the segment keep it
#   destroy  DELETE /api/segments/{id}   409 while a cluster has it
#
#   export TF_VAR_segment_edge_url=http://127.0.0.1:3000 TF_VAR_segment_edge_token=...
#   terraform init && terraform apply

terraform {
  required_version = ">= 1.5"

  required_providers {
    restapi = {
      source  = "Mastercard/restapi"
      version = "~> 3.0"
    }
  }
}

variable "segment_edge_url" {
  description = "Where segment-edge is, without a slash at the end"
  type        = string
}

variable "segment_edge_token" {
  description = "A token of the role write"
  type        = string
  sensitive   = true
}

variable "segments" {
  description = "The segments by their EPG names"
  type = map(object({
    site        = string
    vrf         = string
    vlan_id     = number
    segment     = string
    dhcp        = bool
    description = string
  }))
  default = {
    EPG_TF_WEB = {
      site        = "site1"
      vrf         = "Network1"
      vlan_id     = 3200
      segment     = "172.20.200.0/24"
      dhcp        = true
      description = "kept by Terraform"
    }
    EPG_TF_DB = {
      site        = "site1"
      vrf         = "Network1"
      vlan_id     = 3201
      segment     = "172.20.201.0/24"
      dhcp        = false
      description = "kept by Terraform"
    }
  }
}

provider "restapi" {
  uri          = var.segment_edge_url
  bearer_token = var.segment_edge_token

  # POST and PATCH answer with the segment.
  write_returns_object = true
  update_method        = "PATCH"
}

resource "restapi_object" "segment" {
  for_each = var.segments

  path = "/api/segments"
  # id, cluster_name, released and the like are segment-edge's.
  ignore_server_additions = true

  data = jsonencode({
    site        = each.value.site
    vrf         = each.value.vrf
    vlan_id     = each.value.vlan_id
    epg_name    = each.key
    segment     = each.value.segment
    dhcp        = each.value.dhcp
    description = each.value.description
  })
}

output "segment_ids" {
  description = "The ids of the segments by EPG name"
  value       = { for name, segment in restapi_object.segment : name => segment.id }
}
