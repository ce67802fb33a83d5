# What a node may do, no more than the agent's adapters call (tests/terraform/permissions.test.ts compares them).

locals {
  arn   = "${var.region}:${var.account}"
  roles = toset(["app", "router"])

  # The part of AmazonSSMManagedInstanceCore that Session Manager and Run Command use; AWS's own policy also reads
  # every parameter of the account.
  session = [
    {
      Sid    = "SessionManager"
      Effect = "Allow"
      Action = [
        "ssm:UpdateInstanceInformation", "ssm:ListAssociations", "ssm:ListInstanceAssociations",
        "ssm:UpdateInstanceAssociationStatus", "ssm:PutInventory", "ssm:GetDocument", "ssm:DescribeDocument",
        "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
        "ec2messages:AcknowledgeMessage", "ec2messages:DeleteMessage", "ec2messages:FailMessage",
        "ec2messages:GetEndpoint", "ec2messages:GetMessages", "ec2messages:SendReply",
      ]
      Resource = "*"
    },
    {
      Sid      = "SessionLog"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
      Resource = "${var.session_log_group.arn}:*"
    },
    { Sid = "SessionLogGroups", Effect = "Allow", Action = "logs:DescribeLogGroups", Resource = "*" },
    { Sid = "SessionKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = var.kms_key_arn },
  ]

  lifecycle = {
    for role, groups in { app = ["${var.name}-app"], router = [for az in var.router_azs : "${var.name}-router-${az}"] } : role => [
      # AWS names no resource for this read.
      { Sid = "Membership", Effect = "Allow", Action = "autoscaling:DescribeAutoScalingInstances", Resource = "*" },
      {
        Sid      = "Lifecycle"
        Effect   = "Allow"
        Action   = "autoscaling:CompleteLifecycleAction"
        Resource = [for group in groups : "arn:aws:autoscaling:${local.arn}:autoScalingGroup:*:autoScalingGroupName/${group}"]
      },
    ]
  }

  artifacts = {
    for role, prefixes in { app = ["agent", "stack"], router = ["agent"] } : role => {
      Sid                       = "Artifacts"
      Effect                    = "Allow"
      Action                    = "s3:GetObject"
      Resource                  = [for prefix in prefixes : "arn:aws:s3:::${var.artifact_bucket}/${prefix}/*"]
    }
  }

  # Secrets, archives and the one secret parameter (mail/password) are under bootstrap's key, known by its alias.
  bootstrap_key = {
    for role, services in { app = ["secretsmanager", "s3", "ssm"], router = ["s3"] } : role => {
      Sid                       = "BootstrapKey"
      Effect                    = "Allow"
      Action                    = "kms:Decrypt"
      Resource                  = "arn:aws:kms:${local.arn}:key/*"
      Condition = {
        "ForAnyValue:StringEquals" = { "kms:ResourceAliases" = "alias/greenleaf" }
        StringEquals               = { "kms:ViaService" = [for service in services : "${service}.${var.region}.amazonaws.com"] }
      }
    }
  }

  app = [
    { Sid = "Parameters", Effect = "Allow", Action = "ssm:GetParameters", Resource = "arn:aws:ssm:${local.arn}:parameter${var.tree}/*" },
    # The first run learns it and the storefront needs it.
    { Sid = "PublishableKey", Effect = "Allow", Action = "ssm:PutParameter", Resource = "arn:aws:ssm:${local.arn}:parameter${var.tree}/shop/publishable_key" },
    # The batch itself names no resource; each secret in it is checked by the next statement.
    { Sid = "SecretBatch", Effect = "Allow", Action = "secretsmanager:BatchGetSecretValue", Resource = "*" },
    {
      # Their versions are asked for again and again, without the values.
      Sid      = "Secrets"
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
      Resource = [for name in var.secrets : "arn:aws:secretsmanager:${local.arn}:secret:${trimprefix(var.tree, "/")}/${name}-??????"]
    },
    { Sid = "RegistryLogin", Effect = "Allow", Action = "ecr:GetAuthorizationToken", Resource = "*" },
    {
      Sid      = "Registry"
      Effect   = "Allow"
      Action   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"]
      Resource = "arn:aws:ecr:${local.arn}:repository/greenleaf/*"
    },
  ]

  # Writes only on what carries the environment's tag and the role's: no app node's interface, no table of another tier.
  ours        = { "aws:ResourceTag/Environment" = var.environment, "aws:ResourceTag/Project" = "greenleaf" }
  router_arns = [for kind in ["network-interface", "instance", "elastic-ip"] : "arn:aws:ec2:${local.arn}:${kind}/*"]
  router = [
    {
      Sid      = "Look"
      Effect   = "Allow"
      Action   = ["ec2:DescribeRouteTables"]
      Resource = "*"
    },
    {
      Sid    = "TakeOver"
      Effect = "Allow"
      Action = [
        "ec2:AttachNetworkInterface", "ec2:ModifyNetworkInterfaceAttribute", "ec2:AssociateAddress",
        "ec2:AssignPrivateIpAddresses",
      ]
      Resource  = local.router_arns
      Condition = { StringEquals = merge(local.ours, { "aws:ResourceTag/Role" = "router" }) }
    },
    {
      Sid       = "TakeOverRoutes"
      Effect    = "Allow"
      Action    = "ec2:ReplaceRoute"
      Resource  = "arn:aws:ec2:${local.arn}:route-table/*"
      Condition = { StringEquals = merge(local.ours, { "aws:ResourceTag/Tier" = "app" }) }
    },
    {
      Sid      = "Lease"
      Effect   = "Allow"
      Action   = ["dynamodb:GetItem", "dynamodb:PutItem"]
      Resource = "arn:aws:dynamodb:${local.arn}:table/${var.name}-router-lease"
    },
    {
      Sid       = "LeaseKey"
      Effect    = "Allow"
      Action    = "kms:Decrypt"
      Resource  = var.kms_key_arn
      Condition = { StringEquals = { "kms:ViaService" = "dynamodb.${var.region}.amazonaws.com" } }
    },
  ]

  statements = {
    app    = concat(local.session, local.lifecycle.app, local.app, [local.artifacts.app, local.bootstrap_key.app])
    router = concat(local.session, local.lifecycle.router, local.router, [local.artifacts.router, local.bootstrap_key.router])
  }
}

resource "aws_iam_role" "node" {
  for_each = local.roles

  name        = "${var.name}-${each.key}"
  description = "Nodes of role ${each.key} in ${var.name}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "node" {
  for_each = local.roles

  name   = "agent"
  role   = aws_iam_role.node[each.key].id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.statements[each.key] })
}

resource "aws_iam_instance_profile" "node" {
  for_each = local.roles

  name = "${var.name}-${each.key}"
  role = aws_iam_role.node[each.key].name
}

# What ./greenleaf connect opens: encrypted and written down.
resource "aws_ssm_document" "session" {
  name            = "${var.name}-session"
  document_type   = "Session"
  document_format = "JSON"
  content = jsonencode({
    schemaVersion = "1.0"
    description   = "A shell on a node of ${var.name}"
    sessionType   = "Standard_Stream"
    inputs = {
      kmsKeyId                    = var.kms_key_arn
      cloudWatchLogGroupName      = var.session_log_group.name
      cloudWatchEncryptionEnabled = true
      cloudWatchStreamingEnabled  = true
      idleSessionTimeout          = "20"
      runAsEnabled                = false
      s3BucketName                = ""
      s3KeyPrefix                 = ""
      s3EncryptionEnabled         = true
    }
  })
}
